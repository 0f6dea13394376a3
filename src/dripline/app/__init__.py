"""What a person or a program can ask of dripline: one method, one use case, one transaction; a file for each noun."""

from dripline.app.dripline import Dripline as Dripline
