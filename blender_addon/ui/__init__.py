"""What the user touches: operators and panels, thin; the work is done in `scene` and `client`."""
