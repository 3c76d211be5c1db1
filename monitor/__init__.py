"""Early warning from the news: from feeds to alerts that say why."""
