"""Running the engine over files: inputs, one run, baselines and the manifest that replays it."""
