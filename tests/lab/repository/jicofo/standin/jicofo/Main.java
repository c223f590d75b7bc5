package standin.jicofo;

import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A stand-in for Jicofo: reads jicofo.conf, of which it dies if it is no HOCON, and answers /about/health. */
public final class Main {
    private Main() {
    }

    public static void main(String[] arguments) throws IOException {
        String path = System.getProperty("config.file");
        if (path != null) {
            ConfigFactory.parseFile(new File(path), ConfigParseOptions.defaults().setAllowMissing(false)).resolve();
        }
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8888), 0);
        server.createContext("/about/health", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        System.out.println("Jicofo " + System.getProperty("standin.version") + " (stand-in) answers on 127.0.0.1:8888");
    }
}
