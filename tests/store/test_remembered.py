"""What came before is known again, and takes a few bytes."""

from dripline.store.imports.seen_before import SeenBefore


def test_a_thing_is_new_once() -> None:
    seen = SeenBefore()
    words = [("phone", f"6012{number}") for number in range(20_000)]

    assert all(seen.add(word) for word in words)
    assert not any(seen.add(word) for word in words)
    assert all(word in seen for word in words)
    assert ("email", "60120") not in seen


def test_things_of_one_hash_place_do_not_push_each_other_out() -> None:
    seen = SeenBefore()
    things = [number << 40 for number in range(1_000)]

    assert all(seen.add(thing) for thing in things)
    assert all(thing in seen for thing in things)
    assert 7 << 50 not in seen


def test_what_hashes_to_nothing_is_remembered() -> None:
    seen = SeenBefore()

    assert (seen.add(0), seen.add(0), 0 in seen) == (True, False, True)
