"""Rules about scores and their history: the formula's number, one row a sequence, nothing that was not approved."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence

from faults.oracle_builder_rows import BUILDERS
from faults.oracle_findings import Finding, Findings, Kind
from faults.oracle_formulas import expected_score
from faults.oracle_rows import EndState, PastScore, RecordAndType, Request, Score
from faults.oracle_watcher import Decrease


def scores_are_what_the_formula_makes_of_the_latest_attributes(state: EndState) -> Findings:
    """A COMPLETED request has the formula's score of its record as last approved; a FAILED one has none to have."""
    for (record_id, score_type), request in state.requests.items():
        where = f"{record_id}, {score_type}"
        # of the record: a request that holds something else must not make a wrong score right
        values = state.values_for(request, state.attributes_of(record_id) or {})
        expected = expected_score(score_type, values, request.score_config)
        score = state.scores.get((record_id, score_type))
        if request.compute_status == "FAILED":
            if expected.score is not None and not expected.may_fail:
                yield Finding(Kind.FAILED_NEEDLESSLY, where, "a score", request.compute_latest_error_code)
        elif request.compute_status == "COMPLETED":
            yield from _is_stored(request, score, where)
            if score is not None and score.computed_score != expected.score:
                yield Finding(Kind.SCORE_WRONG, where, expected.score, score.computed_score)


def _is_stored(request: Request, score: Score | None, where: str) -> Findings:
    asked = (request.sequence, request.change_request_id)
    stored = score and (score.sequence, score.triggered_by_cr_id)
    if stored != asked:
        yield Finding(Kind.SCORE_LOST, where, asked, stored)


def each_computed_sequence_has_one_row(state: EndState) -> Findings:
    """One history row a sequence, none missing; the stored score is the row of the highest one; no approval twice."""
    computed = {key: request.computed_sequence for key, request in state.requests.items() if request.computed_sequence}
    for key in sorted(computed.keys() | state.scores.keys() | state.history_by_score.keys()):
        rows = state.history_by_score.get(key, [])
        yield from _rows_are_unique(rows, state.recomputations, ", ".join(key))
        last = (rows[-1].sequence, rows[-1].triggered_by_cr_id, rows[-1].computed_score) if rows else None
        score = state.scores.get(key)
        stored = score and (score.sequence, score.triggered_by_cr_id, score.computed_score)
        if last is None or last != stored or computed.get(key) != last[0]:
            seen = f"history {last}, computed {computed.get(key)}"
            yield Finding(Kind.HISTORY_MISSING, ", ".join(key), f"the score {stored}", seen)


def _rows_are_unique(rows: Sequence[PastScore], recomputations: Container[str], where: str) -> Findings:
    for sequence, count in Counter(row.sequence for row in rows).items():
        if count > 1:
            yield Finding(Kind.HISTORY_DOUBLE, f"{where}, sequence {sequence}", "one row", count)
    sequences: dict[str, set[int]] = {}
    for row in rows:
        # a recomputation that begins again asks once more under its own id; a builder ships the same project again
        if row.triggered_by_cr_id not in recomputations and row.register_id != BUILDERS:
            sequences.setdefault(row.triggered_by_cr_id, set()).add(row.sequence)
    for change_request_id, drawn in sequences.items():
        if len(drawn) > 1:
            yield Finding(Kind.COMPUTED_TWICE, f"{where}, {change_request_id}", "one sequence", sorted(drawn))


def rows_of_the_history_compute_to_their_own_numbers(state: EndState) -> Findings:
    """Each from its own values and its own config, bit for bit."""
    for row in state.history:
        expected = expected_score(row.score_type, row.contributing_attribute_values, row.score_config)
        if row.computed_score != expected.score:
            where = f"{row.internal_record_id}, {row.score_type}, sequence {row.sequence}"
            yield Finding(Kind.HISTORY_WRONG, where, expected.score, row.computed_score)


def rows_of_the_history_hold_what_was_approved(state: EndState) -> Findings:
    """Each holds its record's values after its own approval; sequences rise as versions do.

    Those of a recomputation hold the values of some version. Builders have no versions: nobody approves them.
    """
    for key, rows in sorted(state.history_by_score.items()):
        if rows[0].register_id == BUILDERS:
            continue
        versions: list[int] = []
        for row in rows:
            is_recomputed = row.triggered_by_cr_id in state.recomputations
            fitting = _fitting_versions(state, row, is_recomputed=is_recomputed)
            if not fitting:
                where = f"{', '.join(key)}, sequence {row.sequence}"
                yield Finding(Kind.HISTORY_UNAPPROVED, where, f"what {row.triggered_by_cr_id} left", "something else")
            elif not is_recomputed:
                versions += fitting
        if versions != sorted(versions):
            yield Finding(Kind.SEQUENCE_FELL, ", ".join(key), "versions in the order of sequences", versions)


def _fitting_versions(state: EndState, row: PastScore, *, is_recomputed: bool) -> list[int]:
    versions = state.versions_by_record.get(row.internal_record_id, [])
    return [
        version.version
        for version in versions
        if (is_recomputed or version.change_request_id == row.triggered_by_cr_id)
        and row.contributing_attribute_values == state.values_for(row, version.attributes)
    ]


def score_ids_are_those_of_before(state: EndState, before: Mapping[RecordAndType, str]) -> Findings:
    """A score that was there is there, under the same id."""
    for key, score_id in sorted(before.items()):
        score = state.scores.get(key)
        if score is None or score.score_id != score_id:
            yield Finding(Kind.SCORE_ID_CHANGED, ", ".join(key), score_id, score and score.score_id)


def no_score_went_back(decreases: Iterable[Decrease]) -> Findings:
    """As it was observed during the run."""
    for one in decreases:
        where = f"{one.internal_record_id}, {one.score_type}"
        yield Finding(Kind.SCORE_WENT_BACK, where, f"at least {one.before}", one.after)
