// XEP-0215: the STUN and TURN servers that the XMPP server tells its clients of, in the form that a browser takes.
(function () {
    'use strict';

    function iceServer(service) {
        const type = service.getAttribute('type');
        const port = service.getAttribute('port');
        const transport = service.getAttribute('transport');
        const urls = `${type}:${service.getAttribute('host')}${port ? `:${port}` : ''}`;

        if (type === 'stun') {
            return { urls };
        }

        return {
            credential: service.getAttribute('password'),
            urls: transport && transport !== 'udp' ? `${urls}?transport=${transport}` : urls,
            username: service.getAttribute('username')
        };
    }

    // Fails if the server does not know the question.
    window.externalServices = async function (session, namespace) {
        const answer = await session.ask('get', config.hosts.domain, `<services xmlns="${namespace}"/>`);
        const services = Array.from(answer.querySelectorAll('services > service'));

        return services.filter(one => [ 'stun', 'turn', 'turns' ].includes(one.getAttribute('type'))).map(iceServer);
    };
})();
