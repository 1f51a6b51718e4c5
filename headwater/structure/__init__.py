"""What an HTML-to-text converter would break, taken out before and put back after: code, tables, formulas."""
