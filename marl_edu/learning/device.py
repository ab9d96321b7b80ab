"""Where networks are: on the CPU, or on another device that PyTorch has here."""

from __future__ import annotations

import torch

from marl_edu.algorithm import HyperparameterError


def device_of(name: str) -> torch.device:
    """The device of this name, after a try.

    Parameters
    ----------
    name : str
        'cpu', 'cuda', 'cuda:1', or another that PyTorch knows.

    Raises
    ------
    HyperparameterError
        If there is none; the message says why.

    Examples
    --------
    >>> device_of("cpu")
    device(type='cpu')
    """
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).sum().item()
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        why = " ".join(str(error).split())
        raise HyperparameterError(
            f"device is {name!r:.60} ({why:.80}); expected one that is here, such as 'cpu'"
        ) from None
    return device
