"""Conversations that leave Polis: its export is read whole, then brought in, or refused in one sentence."""
