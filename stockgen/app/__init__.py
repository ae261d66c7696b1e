"""The only place that puts real parts together: `catalogue` reads, `build` opens and wires."""
