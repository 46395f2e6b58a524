"""Explanations of predictions by SHAP values. Training copies this module into the archive of the model, so that
monitoring explains later predictions in the same way.

The module imports nothing of this repository but the model.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shap

from inference.serve.predictor import Predictor


def explained(model: Predictor, table: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Returns the SHAP value of each feature for each row, and the base value.

    The trees are the last step of the model. The steps before encode each column on its own, in an order of their own.
    """
    encoder, trees = model.fitted[:-1], model.fitted[-1]
    names = [name.partition("__")[2] for name in encoder.get_feature_names_out()]
    explainer = shap.TreeExplainer(trees)
    values = explainer.shap_values(model.preprocess(table))
    return pd.DataFrame(values, columns=names)[list(model.features)], float(np.ravel(explainer.expected_value)[0])


def mean_sizes(values: pd.DataFrame) -> dict[str, float]:
    """Returns the mean size of the values of each feature."""
    return {str(name): float(size) for name, size in values.abs().mean().items()}
