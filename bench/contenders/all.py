"""All contenders, in the order of the table."""

from bench.contenders.bare_postgres import BARE_POSTGRES
from bench.contenders.celery_beat import CELERY_BEAT
from bench.contenders.contender import Contender
from bench.contenders.dbos_debouncer import DBOS_DEBOUNCER
from bench.contenders.least_temporal import LEAST_TEMPORAL
from bench.contenders.ours import OURS

CONTENDERS: tuple[Contender, ...] = (*OURS, *CELERY_BEAT, DBOS_DEBOUNCER, *LEAST_TEMPORAL, BARE_POSTGRES)
