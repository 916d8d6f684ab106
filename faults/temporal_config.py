"""The configuration file of the real Temporal server: everything on loopback, persistence in the stand's PostgreSQL.

JSON, which is YAML too. The pattern is the server's own config/development-postgres12.yaml.
"""

import json
from pathlib import Path
from typing import Any

from faults.ports import stable_port
from faults.postgres import HOST, USER, StandPostgres

STORE = "temporal"
VISIBILITY = "temporal_visibility"
PLUGIN = "postgres12"

_DYNAMIC_CONFIG = Path(__file__).resolve().parents[1] / "deploy" / "temporal" / "dynamicconfig.yaml"
_FULL_RUN = """
limit.historyCount.suggestContinueAsNew:
  - value: 1000
"""
"""So many events and a run continues as a new one: a storm reaches that on a slow machine, too."""
_SHARDS = 4
_CLUSTER = "active"


def write_config(directory: Path, postgres: StandPostgres, frontend_port: int) -> None:
    """Write `development.yaml`, which is what the server reads where nothing else is said."""
    directory.mkdir(parents=True, exist_ok=True)
    dynamic_config = directory / "dynamicconfig.yaml"
    dynamic_config.write_text(_DYNAMIC_CONFIG.read_text(encoding="utf-8") + _FULL_RUN, encoding="utf-8")
    config = {
        "log": {"stdout": True, "level": "warn"},
        "persistence": _persistence(postgres),
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": HOST}},
        "services": _services(frontend_port),
        "clusterMetadata": _cluster(frontend_port),
        "dcRedirectionPolicy": {"policy": "noop"},
        "dynamicConfigClient": {"filepath": str(dynamic_config), "pollInterval": "10s"},
    }
    (directory / "development.yaml").write_text(json.dumps(config, indent=2))


def _persistence(postgres: StandPostgres) -> dict[str, Any]:
    return {
        "defaultStore": STORE,
        "visibilityStore": VISIBILITY,
        "numHistoryShards": _SHARDS,
        "datastores": {
            database: {
                "sql": {
                    "pluginName": PLUGIN,
                    "databaseName": database,
                    "connectAddr": f"{HOST}:{postgres.port}",
                    "connectProtocol": "tcp",
                    "user": USER,
                    "maxConns": connections,
                    "maxIdleConns": connections,
                    "maxConnLifetime": "1h",
                }
            }
            for database, connections in ((STORE, 20), (VISIBILITY, 4))
        },
    }


def _services(frontend_port: int) -> dict[str, Any]:
    ports = {"frontend": frontend_port, "matching": stable_port(), "history": stable_port(), "worker": stable_port()}
    return {
        service: {"rpc": {"grpcPort": port, "membershipPort": stable_port(), "bindOnLocalHost": True}}
        for service, port in ports.items()
    }


def _cluster(frontend_port: int) -> dict[str, Any]:
    here = {
        "enabled": True,
        "initialFailoverVersion": 1,
        "rpcName": "frontend",
        "rpcAddress": f"{HOST}:{frontend_port}",
    }
    return {
        "enableGlobalNamespace": False,
        "failoverVersionIncrement": 10,
        "masterClusterName": _CLUSTER,
        "currentClusterName": _CLUSTER,
        "clusterInformation": {_CLUSTER: here},
    }
