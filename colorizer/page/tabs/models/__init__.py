"""The tab that shows what each checkpoint says about itself."""
