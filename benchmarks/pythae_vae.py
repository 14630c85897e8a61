"""The report's network inside pythae, trained by pythae's own BaseTrainer."""

import logging
import tempfile
import time

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback

from genlab.models.nets.blocks import ConvDecoder, ConvEncoder


class Encoder(BaseEncoder):
    def __init__(self):
        super().__init__()
        self.net = ConvEncoder(3, 64, 64)
        self.mu, self.logvar = torch.nn.Linear(self.net.features, 50), torch.nn.Linear(self.net.features, 50)

    def forward(self, x):
        h = self.net(x)
        return ModelOutput(embedding=self.mu(h), log_covariance=self.logvar(h))


class Decoder(BaseDecoder):
    def __init__(self):
        super().__init__()
        self.net = ConvDecoder(3, 64, 64, 50)

    def forward(self, z):
        return ModelOutput(reconstruction=self.net(z))


class Clock(TrainingCallback):
    """Seconds of each epoch's training steps."""

    def __init__(self):
        self.seconds, self.began = [], 0.0

    def on_train_step_begin(self, *_, **__):
        self.began = self.began or time.perf_counter()

    def on_epoch_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.began)
        self.began = 0.0


def train_epochs(x, batch_size, epochs):
    """Seconds of each epoch."""
    logging.disable(logging.INFO)
    model = VAE(VAEConfig(input_dim=(3, 64, 64), latent_dim=50), encoder=Encoder(), decoder=Decoder())
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        config = BaseTrainerConfig(output_dir=folder, num_epochs=epochs, per_device_train_batch_size=batch_size, learning_rate=1e-3,
                                   train_dataloader_num_workers=0, steps_saving=None, no_cuda=not torch.cuda.is_available())
        trainer = BaseTrainer(model=model, train_dataset=BaseDataset(x, torch.zeros(len(x))), training_config=config, callbacks=[clock])
        trainer.train()
    return clock.seconds
