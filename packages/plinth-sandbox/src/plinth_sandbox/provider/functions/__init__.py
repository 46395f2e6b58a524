"""What a catalogue entry cannot say declaratively, one module per catalogue module that needs it."""
