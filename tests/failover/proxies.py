"""HAProxy and PgBouncer on a host: the first finds the primary by asking Patroni, the second shares its sessions."""

from pathlib import Path

import psycopg
from network_hosts import Host
from patroni_cluster import POSTGRES, REST, Cluster, found

TO_PRIMARY, TO_STANDBYS, POOL = 5000, 5001, 6432

HAPROXY = """
global
    maxconn 200
defaults
    mode tcp
    retries 2
    timeout connect 3s
    timeout client 30m
    timeout server 30m
    timeout check 2s
listen primary
    bind {address}:{primary}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
listen standbys
    bind {address}:{standbys}
    option httpchk OPTIONS /replica?lag=16MB
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""

PGBOUNCER = """
[databases]
* = host={address} port={primary}
[pgbouncer]
listen_addr = {address}
listen_port = {pool}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
server_login_retry = 1
server_connect_timeout = 3
query_wait_timeout = 10
server_lifetime = 300
"""


def start_proxies(cluster: Cluster, host: Host) -> None:
    """Start both on a host, and wait until the pool leads to the primary."""
    servers = "\n".join(f"    server {one.name} {one.address}:{POSTGRES} check port {REST}" for one in cluster.hosts)
    ports = {"primary": TO_PRIMARY, "standbys": TO_STANDBYS, "pool": POOL}
    _write(host.folder / "haproxy.cfg", HAPROXY.format(address=host.address, servers=servers, **ports))
    _write(host.folder / "users", '"postgres" ""\n')
    _write(host.folder / "pgbouncer.ini", PGBOUNCER.format(address=host.address, users=host.folder / "users", **ports))
    host.start("haproxy", found("haproxy"), "-db", "-f", host.folder / "haproxy.cfg", user=cluster.user)
    host.start("pgbouncer", found("pgbouncer"), "-q", host.folder / "pgbouncer.ini", user=cluster.user)
    cluster.until(lambda: _leads_to_the_primary(host), "a pool before the primary")


def through_the_pool(host: Host, name: str) -> str:
    """A database through the pool of a host."""
    return f"postgresql://postgres@{host.address}:{POOL}/{name}"


def _leads_to_the_primary(host: Host) -> bool:
    try:
        with psycopg.connect(through_the_pool(host, "postgres"), autocommit=True, prepare_threshold=None) as opened:
            return opened.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
    except psycopg.OperationalError:
        return False


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o644)
