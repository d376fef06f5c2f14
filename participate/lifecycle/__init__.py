"""Room lifecycle: the moves of a plan, performed once, under lock, by the database's clock.

Rooms keep facts; this one gathers them, and alone writes `ActionPlan.stage` and `Consultation.state`.
Glossary: stage (مرحلة), move (انتقال), opening (افتتاح), closing (إغلاق), extension (تمديد),
transmission (رفع إلى المجلس), adoption (مصادقة), return (إرجاع), withdrawal (سحب).
"""
