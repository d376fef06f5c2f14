"""Post: the transactional outbox of mail. Enqueued in the act's transaction, sent after commit.

Glossary: letter (رسالة).
"""
