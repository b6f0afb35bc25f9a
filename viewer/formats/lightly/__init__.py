"""Lightly's files beside images: predictions, metadata, tags, embeddings, file lists."""
