using System.Runtime.ExceptionServices;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>
/// Reads an export into any store, many chats at once. Done again after a failure it goes on where it was: what is there already stays as it is.
/// </summary>
internal sealed class ChatImporter(IChatStore store, TimeProvider time) : IDisposable
{
    private const int MaxChatsAtOnce = 32;

    // What waits to be written, in units of 1 MiB, at least one a turn.
    private const int MaxWaiting = 64;
    private const int Unit = 1 << 20;

    private static readonly TimeSpan OwnerLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(10);

    private readonly string _owner = "import-" + Guid.CreateVersion7().ToString("N");
    private readonly SemaphoreSlim _places = new(MaxChatsAtOnce);
    private readonly SemaphoreSlim _waiting = new(MaxWaiting);
    private readonly Lock _gate = new();
    private TransferCounts _counts;
    private Exception? _failure;

    /// <summary>Reads all lines. To be called once.</summary>
    /// <param name="reader">The lines.</param>
    /// <param name="tenant">Whose chats they become; null: the tenant's that the header names.</param>
    /// <param name="cancellationToken">Stops it between turns.</param>
    /// <exception cref="TransferException">A line is wrong, the export is not whole, or a chat cannot be put into this store. What came before it may be there.</exception>
    /// <exception cref="ChatStoreException">The store failed.</exception>
    public async Task<TransferCounts> ImportAsync(TextReader reader, string? tenant, CancellationToken cancellationToken)
    {
        // For the turns that it owns for a moment.
        await store.BeatAsync(_owner, OwnerLifetime).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using (time.CreateTimer(_ => _ = BeatAsync(), null, BeatInterval, BeatInterval))
        {
            try
            {
                await ReadAsync(reader, tenant, stop).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                await FailAsync(exception, stop).ConfigureAwait(false);
            }

            for (var i = 0; i < MaxChatsAtOnce; i++)
            {
                await _places.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        await store.LeaveAsync(_owner).ConfigureAwait(false);
        return _counts;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        _waiting.Dispose();
    }

    private async Task ReadAsync(TextReader reader, string? tenant, CancellationTokenSource stop)
    {
        ChatImport? chat = null;
        TransferHeader? header = null;
        var number = 0L;
        try
        {
            while (await reader.ReadLineAsync(stop.Token).ConfigureAwait(false) is { } text)
            {
                number++;
                var line = TransferJson.Read(text, number);
                switch (line.LineCase)
                {
                    case TransferLine.LineOneofCase.Header when number == 1:
                        header = line.Header.Version == ChatExporter.Version
                            ? line.Header
                            : throw new TransferException($"The export has version {line.Header.Version}; this server reads version {ChatExporter.Version}.");
                        break;
                    case TransferLine.LineOneofCase.Chat when header is not null:
                        chat?.Complete();
                        await _places.WaitAsync(stop.Token).ConfigureAwait(false);
                        chat = new ChatImport(store, line.Chat, tenant ?? header.Tenant, _owner, number);
                        _ = RunAsync(chat, stop);
                        break;
                    case TransferLine.LineOneofCase.Turn when chat is not null:
                        await AddAsync(chat, line.Turn, text.Length, stop.Token).ConfigureAwait(false);
                        break;
                    case TransferLine.LineOneofCase.DroppedChat when chat is not null:
                        chat.Drop();
                        chat = null;
                        break;
                    case TransferLine.LineOneofCase.Footer when header is not null:
                        return;
                    default:
                        throw new TransferException($"Line {number} ({line.LineCase}) has no place there.");
                }
            }

            throw new TransferException($"The export ends after line {number}, without its footer: it is not whole.");
        }
        finally
        {
            chat?.Complete();
        }
    }

    private async Task AddAsync(ChatImport chat, TransferTurn turn, int length, CancellationToken cancellationToken)
    {
        var units = Math.Clamp(length / Unit, 1, MaxWaiting);
        for (var i = 0; i < units; i++)
        {
            await _waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        chat.Add(turn, () => _waiting.Release(units));
    }

    // Catches everything itself.
    private async Task RunAsync(ChatImport chat, CancellationTokenSource stop)
    {
        try
        {
            var counts = await chat.RunAsync(stop.Token).ConfigureAwait(false);
            lock (_gate)
            {
                _counts += counts;
            }
        }
        catch (Exception exception)
        {
            await FailAsync(exception, stop).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    // The first failure is the one to tell of: those after it are its consequence.
    private async Task FailAsync(Exception exception, CancellationTokenSource stop)
    {
        lock (_gate)
        {
            _failure ??= exception;
        }

        await stop.CancelAsync().ConfigureAwait(false);
    }

    private async Task BeatAsync()
    {
        try
        {
            await store.BeatAsync(_owner, OwnerLifetime).ConfigureAwait(false);
        }
        catch (ChatStoreException)
        {
            // The next one may pass, and the turns' own steps tell when none does.
        }
    }
}
