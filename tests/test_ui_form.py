"""A config becomes a form: every field that can be asked for has a widget with its bounds, its unit and its text."""

import math

import pytest
from pydantic import BaseModel, Field
from streamlit.testing.v1 import AppTest

from genlab.data import DataSpec
from genlab.models import MODELS, build_config
from genlab.models.vae import VAEConfig
from genlab.training import TrainPlan
from genlab.ui.shell.form import label_of, ladder, limits, split_fields


def form(model: str) -> None:
    import streamlit as st

    from genlab.models import MODELS
    from genlab.ui.shell.form import field_widgets, split_fields

    Config = MODELS[model].Config
    first, rest = split_fields(Config)
    st.session_state["values"] = field_widgets(Config, first + rest, key="f")


@pytest.mark.parametrize("model", MODELS)
def test_an_untouched_form_is_the_default_config(model):
    app = AppTest.from_function(form, args=(model,), default_timeout=30).run()
    assert not app.exception
    assert build_config(MODELS[model].Config, app.session_state["values"]) == MODELS[model].Config()


def test_widgets_carry_bounds_units_and_text():
    app = AppTest.from_function(form, args=("vae",), default_timeout=30).run()
    latent, floor = app.number_input(key="f.latent_dim"), app.number_input(key="f.free_bits")
    assert (latent.min, latent.max, latent.step, latent.value) == (1, 512, 1, 50)
    assert app.number_input(key="f.width").step == 4
    assert floor.label == "Free bits (nats per latent)"
    assert "costs nothing" in floor.help
    assert app.toggle(key="f.calibrated").value is False
    assert {w.key for w in app.number_input} >= {"f.beta", "f.sigma", "f.warmup_steps"}
    assert not any("size" in w.key or "channels" in w.key for w in app.number_input)


def test_what_is_typed_is_what_comes_out():
    app = AppTest.from_function(form, args=("vae",), default_timeout=30).run()
    app.number_input(key="f.beta").set_value(4.0)
    app.number_input(key="f.latent_dim").set_value(8)
    app.toggle(key="f.calibrated").set_value(True)
    app.run()
    assert build_config(VAEConfig, app.session_state["values"]) == VAEConfig(beta=4, latent_dim=8, calibrated=True)


def plan_form() -> None:
    import streamlit as st

    from genlab.data import DataSpec
    from genlab.training import TrainPlan
    from genlab.ui.shell.form import field_widgets, prefill

    if st.session_state.get("fill"):
        prefill(st.session_state["fill"], key="f")
    plan = field_widgets(TrainPlan, ("epochs", "lr", "lr_schedule", "max_steps", "threads"), key="f")
    st.session_state["values"] = TrainPlan(**plan, data=DataSpec(**field_widgets(DataSpec, ("n", "channels", "seed", "test_share"), key="d")))


def test_choices_and_numbers_that_may_stay_empty():
    app = AppTest.from_function(plan_form, default_timeout=30).run()
    assert not app.exception
    assert app.session_state["values"] == TrainPlan()
    app.button_group(key="f.lr_schedule").set_value("cosine")
    app.number_input(key="f.max_steps").set_value(7)
    app.number_input(key="d.n").set_value(64)
    app.run()
    assert app.session_state["values"] == TrainPlan(lr_schedule="cosine", max_steps=7, data=DataSpec(n=64))


def test_a_form_can_be_filled_in():
    app = AppTest.from_function(plan_form, default_timeout=30)
    app.session_state["fill"] = {"epochs": 12, "lr": 0.02, "lr_schedule": "cosine"}
    assert app.run().session_state["values"] == TrainPlan(epochs=12, lr=0.02, lr_schedule="cosine")


def test_a_value_out_of_this_fields_range_is_brought_in():
    app = AppTest.from_function(plan_form, default_timeout=30)
    app.session_state["fill"] = {"threads": 4096, "lr": 0.0}
    plan = app.run().session_state["values"]
    assert not app.exception
    assert plan.threads == 256
    assert 0 < plan.lr < 1e-6


def test_open_bounds_lie_just_inside():
    low, high, _ = limits(TrainPlan.model_fields["lr"])
    assert 0 < low < 1e-5 and high == 1
    assert limits(TrainPlan.model_fields["seed"])[1] == 2**31 - 1


@pytest.mark.parametrize("field", [VAEConfig.model_fields["beta"], VAEConfig.model_fields["free_bits"], TrainPlan.model_fields["lr"]])
def test_a_ladder_climbs_within_the_bounds_and_holds_what_it_must(field):
    rungs = ladder(field, 0.033)
    low, high, _ = limits(field)
    assert rungs == sorted(set(rungs)) and 0.033 in rungs and field.default in rungs
    assert low <= rungs[0] and rungs[-1] <= high
    assert math.log10(rungs[-1] / next(r for r in rungs if r > 0)) >= 2


class Ordered(BaseModel):
    size: int = Field(16, json_schema_extra={"from_data": True})
    depth: int = Field(2, json_schema_extra={"advanced": True})
    rate: float = 0.5
    flag: bool = False


def test_fields_are_shown_folded_or_left_to_the_data():
    assert split_fields(Ordered, 1) == (["rate"], ["depth", "flag"])
    assert split_fields(Ordered) == (["rate", "flag"], ["depth"])
    assert label_of(Ordered.model_fields["rate"], "rate") == "rate"
