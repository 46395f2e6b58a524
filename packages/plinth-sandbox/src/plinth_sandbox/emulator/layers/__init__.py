"""The layers of the emulator, from sessions down to moto. Corrections of single operations belong in `patches`."""
