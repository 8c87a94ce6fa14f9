"""Text, figures and pages made from the documents of studies."""
