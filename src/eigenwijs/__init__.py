"""Eigenwijs: open-source software with which workers steer their own careers."""
