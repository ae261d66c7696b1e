"""What all providers share that draw with diffusion models: `provider` is the plugin's side, `work` the batch's."""
