"""The one table of pages. Each is a file in pages/<section>/ and answers one question."""

from genlab.ui.shell.address import open_page
from genlab.ui.shell.menu import Entry, show_menu
from genlab.ui.shell.page import errors_shown, frame, heading
from genlab.ui.shell.tour import show_stop

SECTIONS = {
    "Start": [
        Entry("start/home.py", "GenLab", "How does a machine learn to make pictures? Train one here and look inside.", "grid_view"),
        Entry("start/machine.py", "Machine", "What does this lab run on, and how much of it is taken?", "memory"),
    ],
    "Data": [
        Entry("data/images.py", "Images", "What does a model learn from? Look at the images, and at what goes together in them.", "photo_library"),
        Entry("data/portrait.py", "Portrait", "What makes a face? Move one thing and watch what it changes.", "face"),
        Entry("data/seasons.py", "Seasons", "What would this place look like in the other season?", "ac_unit"),
        Entry("data/points.py", "Points in 2D", "What is a density, and how many points does it take to see it?", "scatter_plot"),
    ],
    "Explore": [
        Entry("explore/sliders.py", "Latent sliders", "What does each latent do? Move it and watch.", "tune", takes_run=True),
        Entry("explore/interpolate.py", "Interpolate", "What lies between two pictures? Follow the path from one to the other.", "timeline",
              takes_run=True),
        Entry("explore/arithmetic.py", "Arithmetic", "What is a man with glasses, minus a man, plus a woman?", "calculate", takes_run=True),
        Entry("explore/map.py", "Latent map", "What does the model think is alike? Walk over its latent space and look into the gaps.", "map",
              takes_run=True),
    ],
    "Compare": [
        Entry("compare/ae_vae.py", "AE vs VAE", "Does a VAE generate better than an autoencoder of the same network?", "compare"),
        Entry("compare/dataset_size.py", "Dataset size", "What does the number of training images change?", "stacked_bar_chart"),
    ],
    "Adversarial game": [
        Entry("game/plane.py", "The game in 2D", "What happens when two networks play against each other? Watch every update.", "target"),
        Entry("game/vanishing.py", "Vanishing gradients", "Why does G stop learning when D is too good?", "trending_down"),
        Entry("game/gan.py", "GAN on images", "How does a GAN learn to make images, and how does one see that it fails?", "sports_kabaddi",
              takes_run=True),
    ],
    "Train": [
        Entry("train/train.py", "Train", "How does a model learn? Press Start and watch.", "model_training", takes_run=True),
        Entry("train/runs.py", "Runs", "What has been trained here, and which run does better?", "stacked_line_chart"),
    ],
}

frame("**GenLab**: a lab for understanding generative models. Train them, look inside, compare.")
entry, page = show_menu(SECTIONS)
open_page()
show_stop(entry)
heading(entry)
with errors_shown():
    page.run()
