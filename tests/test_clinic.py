"""The bug clinic: the file is current, and its records say what we claim they say."""

import ast

import numpy as np
import pytest

from course import clinic
from course.gradient import numerical_gradient, relative_error
from grader.reference.clinic import DATASET, DIAGNOSIS, records
from grader.units import load_unit


def test_the_file_is_what_the_generator_makes():
    with np.load(DATASET) as stored:
        made = records()
        assert sorted(stored) == sorted(made)
        for key, value in made.items():
            np.testing.assert_allclose(stored[key], value, rtol=1e-12, atol=1e-14, err_msg=key)


def test_an_unknown_patient_is_named():
    with pytest.raises(ValueError, match="no patient 'G'; the patients are A, B, C"):
        clinic.patient("G")


def test_the_arrays_are_the_readers_own():
    clinic.patient("A").x[...] = 0
    assert clinic.patient("A").x.any()


def _scores(params, x):
    return np.maximum(x @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]


def _loss_of_scores(z, t):
    z = z - z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(z).sum(axis=1)) - (z * t).sum(axis=1)))


def _agrees(claimed, numeric):
    return claimed.shape == numeric.shape and relative_error(claimed, numeric) < 1e-6


def _broken_layer(case):
    """Find the broken layer by nudges alone, from the loss back to the input."""
    hidden = case.x @ case.params["W1"] + case.params["b1"]
    gated = np.maximum(hidden, 0)
    W2, b2 = case.params["W2"], case.params["b2"]
    # Where each gradient leaves a layer, and the loss as a function of the signal there.
    places = {
        "SoftmaxWithLoss": (_scores(case.params, case.x), lambda z: z),
        "Affine2": (gated, lambda a: a @ W2 + b2),
        "Relu1": (hidden, lambda a: np.maximum(a, 0) @ W2 + b2),
        "Affine1": (case.x, lambda x: _scores(case.params, x)),
    }
    for layer, (signal, to_scores) in places.items():
        numeric = numerical_gradient(lambda s, f=to_scores: _loss_of_scores(f(s), case.t), signal)
        right = _agrees(case.douts[layer], numeric)
        for key in ("W" + layer[-1], "b" + layer[-1]) if layer.startswith("Affine") else ():
            array = case.params[key]
            numeric = numerical_gradient(
                lambda _: _loss_of_scores(_scores(case.params, case.x), case.t), array
            )
            right = right and _agrees(case.grads[key], numeric)
        if not right:
            return layer
    return "healthy"


@pytest.mark.parametrize("name", clinic.NAMES)
def test_the_broken_layer_can_be_found(name):
    assert _broken_layer(clinic.patient(name)) == DIAGNOSIS[name]


def test_every_kind_of_diagnosis_occurs():
    assert set(DIAGNOSIS.values()) == {*clinic.LAYERS, "healthy"}


def test_the_notebook_knows_the_same_answers():
    source = load_unit("06-two-layer-net").answers["bug-clinic"].source
    assigned = [n for n in ast.parse(source).body if isinstance(n, ast.Assign)]
    assert ast.literal_eval(assigned[-1].value) == DIAGNOSIS
