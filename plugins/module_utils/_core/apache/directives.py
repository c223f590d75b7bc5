# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directives that Apache allows only for a whole server, and refuses in a vhost."""

from __future__ import annotations

import re

#: Those of Apache 2.4 and the modules that Debian ships with it, as Apache itself names them.
SERVER_ONLY = frozenset(
    """
    AcceptFilter AsyncRequestWorkerFactor AuthnCacheEnable AuthnCacheSOCache AuthnzFcgiDefineProvider ChrootDir
    CoreDumpDirectory ExtendedStatus GlobalLog GracefulShutdownTimeout Group HeartbeatAddress HeartbeatListen
    HeartbeatMaxServers HeartbeatStorage LDAPCacheEntries LDAPCacheTTL LDAPConnectionTimeout LDAPLibraryDebug
    LDAPOpCacheEntries LDAPOpCacheTTL LDAPRetries LDAPRetryDelay LDAPSharedCacheFile LDAPSharedCacheSize
    LDAPTimeout LDAPTrustedGlobalCert LDAPVerifyServerCert Listen ListenBacklog ListenCoresBucketsRatio
    ListenTCPDeferAccept MaxClients MaxConnectionsPerChild MaxMemFree MaxRequestWorkers MaxRequestsPerChild
    MaxSpareThreads MinSpareThreads Mutex PidFile ProxyHCTPsize ReceiveBufferSize RegexDefaultOptions
    RegisterHttpMethod SSLCryptoDevice SSLFIPS SSLPassPhraseDialog SSLRandomSeed SSLSessionCache SSLStaplingCache
    SSLVHostSNIPolicy ScoreBoardFile ScriptSock SeeRequestTail SendBufferSize ServerLimit ServerTokens
    SessionCryptoDriver StartServers Suexec ThreadLimit ThreadStackSize ThreadsPerChild User WatchdogInterval
    """.lower().split()
)
_CONTINUED = re.compile(r"\\\n")
_DIRECTIVE = re.compile(r"^[ \t]*([A-Za-z][A-Za-z0-9_]*)", re.M)


def server_only_in(text: str) -> list[str]:
    """The directives of a text that cannot stand in a vhost, as they are written there."""
    return [name for name in _DIRECTIVE.findall(_CONTINUED.sub("  ", text)) if name.lower() in SERVER_ONLY]
