"""Stage II of SemanticFace (arXiv 2603.14827): a LoRA adapter that lets a vision-language model read faces.

`lessons` makes what the model is shown of a manifest, `training` teaches it, `checkpoint` keeps where it stands.
"""
