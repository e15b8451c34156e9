"""What the field speaks of, as groups of the muscles' tables."""

from __future__ import annotations

ABDOMINAL_WALL = ("rectus_abdominis", "external_oblique", "internal_oblique")
ERECTOR_SPINAE = (
    "iliocostalis_pars_lumborum",
    "iliocostalis_pars_thoracis",
    "longissimus_pars_lumborum",
    "longissimus_pars_thoracis",
)
QUADRICEPS = ("rectus_femoris", "vasti")
TRICEPS_SURAE = ("soleus", "gastrocnemius")
