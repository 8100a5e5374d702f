"""The units that a student tells channels in, and how far off it is."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Units:
    """Of the reader's outputs: how they become the channels' own, and which of these end at 0 and 1."""

    means: Tensor
    spreads: Tensor
    is_shape: Tensor

    def loss(self, told: Tensor, truth: Tensor) -> Tensor:
        """Squares of the misses in spreads, not amounts: most shapes rest in most faces, and the likeliest amount of
        all would be none. What would be cut off at a shape's end is no miss.
        """
        values = told * self.spreads + self.means
        excused = self.is_shape & (((truth <= 0) & (values < 0)) | ((truth >= 1) & (values > 1)))
        return ((values - truth) / self.spreads).masked_fill(excused, 0.0).square().mean()
