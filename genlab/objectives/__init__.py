"""What models minimise, as functions of tensors, and the rules that step along it. Knows no model."""
