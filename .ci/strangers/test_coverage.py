"""No operation is implemented that no test drives: the binary's own table against the calls of this run."""


def test_every_implemented_operation_was_driven(pinfra, answers):
    implemented = {tuple(line.split()) for line in pinfra("cloud", "operations").splitlines() if line.strip()}
    assert implemented, "the binary names no operation"
    modelled = {key for key, statuses in answers.items() if any(status < 500 for status in statuses)}
    missing = sorted(implemented - modelled)
    assert not missing, f"{len(missing)} operations were never answered in this run:\n" + "\n".join(map(" ".join, missing))
    broken = sorted(key for key, statuses in answers.items() if 500 in statuses)
    assert not broken, f"answered with an internal error: {broken}"
