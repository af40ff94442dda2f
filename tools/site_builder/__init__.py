"""What ./scripts/docs needs beside Sphinx to build the documentation."""
