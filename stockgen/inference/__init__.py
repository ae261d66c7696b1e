"""Models that neither draw nor write, run by onnxruntime in one process: they cut out and enlarge."""
