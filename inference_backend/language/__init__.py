"""Language models that write performances: any OpenAI-compatible server, or an adapter in this process."""
