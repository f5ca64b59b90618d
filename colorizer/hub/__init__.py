"""Uploads weights with a model card to the Hugging Face Hub, and downloads them."""
