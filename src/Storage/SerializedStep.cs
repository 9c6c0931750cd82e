namespace GenAI.Chats.Storage;

/// <summary>A valid step and its messages as bytes. They are serialized once, even if a store runs the step several times.</summary>
internal sealed class SerializedStep
{
    /// <exception cref="ArgumentException">The step isn't valid.</exception>
    public SerializedStep(ChatKey key, ChatStep step)
    {
        StepValidation.Check(key, step);
        (Key, Step) = (key, step);
        switch (step)
        {
            case CreateStep create:
                Settings = new SerializedSettings(create.Chat.Settings);
                Turns = [.. create.History.Select(static turn => new SerializedTurn(turn))];
                break;
            case ForkStep fork:
                Settings = new SerializedSettings(fork.Chat.Settings);
                break;
            case UpdateStep update:
                Settings = new SerializedSettings(update.Settings);
                break;
            case AcceptStep accept:
                Turns = [new SerializedTurn(accept.Turn)];
                break;
            case EndStep end:
                Message = SerializedTurn.Encode(end.Outcome);
                break;
            case ProgressStep progress:
                Message = SerializedTurn.Encode(progress.Progress);
                break;
        }

        Bytes = (Settings?.Bytes ?? 0) + Turns.Sum(static turn => turn.Bytes) + Message.Length;
    }

    public ChatKey Key { get; }

    public ChatStep Step { get; }

    /// <summary>The settings of a creation, a fork, or an update.</summary>
    public SerializedSettings? Settings { get; }

    /// <summary>The initial history of a creation, or the turn of an accept.</summary>
    public IReadOnlyList<SerializedTurn> Turns { get; } = [];

    /// <summary>The outcome of an end, or the progress.</summary>
    public byte[] Message { get; } = [];

    /// <summary>The size of the messages.</summary>
    public long Bytes { get; }
}

/// <summary>Settings without their config, which lists leave out, and the config.</summary>
internal sealed class SerializedSettings
{
    public SerializedSettings(ChatSettings settings)
    {
        Rest = settings.Clone();
        Rest.Config = null;
        (RestBytes, Config) = (Rest.ToByteArray(), settings.Config?.ToByteArray());
    }

    /// <summary>The settings without their config.</summary>
    public ChatSettings Rest { get; }

    public byte[] RestBytes { get; }

    public byte[]? Config { get; }

    public long Bytes => RestBytes.Length + (Config?.Length ?? 0);
}

/// <summary>A turn and its messages.</summary>
internal sealed class SerializedTurn(TurnRecord record)
{
    public TurnRecord Record { get; } = record;

    public byte[] Input { get; } = Encode(record.Input);

    public byte[]? Outcome { get; } = record.Outcome is { } outcome ? Encode(outcome) : null;

    public long Bytes => Input.Length + (Outcome?.Length ?? 0);

    /// <summary>Encodes a message. Unlike <c>ToByteArray</c>, this needs no stream object.</summary>
    public static byte[] Encode(IMessage message)
    {
        var bytes = new byte[message.CalculateSize()];
        message.WriteTo(bytes);
        return bytes;
    }
}
