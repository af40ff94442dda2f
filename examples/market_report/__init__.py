"""The market report tells, on one page, how well the NIG forecasts a stream of daily prices.

``python -m market_report PRICES.csv.gz --output out/report.html`` writes it. NIG is the Normal
Inverse Gaussian model. The modules are, in the order in which the data pass them:

===================  =====================================================================
prices               the price file, checked, as daily log-returns
gaussian             the yardstick: a Gaussian with the same forgetting
prequential          score each batch, then learn from it
portfolio            the predicted law of a portfolio against what happened
maximum_likelihood   the whole sample, by batch EM, for comparison
study                all of these together
findings             the numbers to be quoted, worked out from a study
key_figures          the five figures that matter
wording              the sentences
tables               the tables
pictures             the pictures
page                 the HTML file, from page.html, in the look of ``varimix.report``
===================  =====================================================================

Numbers as text, tables, the style of the page and pictures in line are those of
``varimix.reporting``.
"""
