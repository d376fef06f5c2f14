"""The demo: Béni Mellal's cycle as data, the real actions that perform it, and the pages under /dev/.

Nothing else in the code names Béni Mellal.
"""
