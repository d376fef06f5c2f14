"""The dossier on paper: the same reading as the page, as PDF, DOCX and XLSX.

`content` puts a reading into words once for a language; `tables` are the figures as rows. What sets them (typst,
python-docx, xlsxwriter) runs in child processes and reads them as data: no figure is computed twice.
"""
