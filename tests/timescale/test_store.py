"""What the worker does beside counting, on TimescaleDB: tests of tests/contract that need no second session."""

from tests.contract.test_kpis import (  # noqa: F401
    judged,
    test_a_rebuild_that_mends_windows_has_kpis_judged_anew,
    test_an_answer_that_comes_late_refolds_and_what_was_told_is_corrected,
    test_complaints_and_times_are_judged_too,
    test_too_few_then_on_norm_then_below_it,
)
from tests.contract.test_rebuild import (  # noqa: F401
    test_a_difference_is_told_in_words,
    test_what_no_event_is_left_of_stays_as_it_is,
)
from tests.contract.test_releasing import (  # noqa: F401
    test_a_score_whose_scope_turns_out_otherwise_is_shown_there_in_the_end,
    test_lots_whose_answers_have_gone_go_and_what_they_showed_stays,
    test_what_was_tampered_with_is_mended,
)
from tests.contract.test_waiting import (  # noqa: F401
    test_a_case_that_waits_is_flagged_once_and_cleared_on_arrival,
    test_pruning_a_case_drops_its_flags,
    test_rebuilding_fills_in_what_is_expected_and_mends_flags,
    waiting,
)
