"""Everything between the page and the network: headers, uploads, previews, disk and memory."""
