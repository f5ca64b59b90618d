"""The Hugging Face Hub: weights to it and from it, with a model card."""
