using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Tests.Calls.Support;

/// <summary>Keeps what is logged, at any level.</summary>
internal sealed class RecordedLog : ILogger, ILoggerProvider
{
    private readonly ConcurrentQueue<(string? Event, string Text)> _entries = new();

    /// <summary>The names of the events so far.</summary>
    public IEnumerable<string?> Events => _entries.Select(entry => entry.Event);

    /// <summary>All that was logged, exceptions and scopes included.</summary>
    public string Text => string.Join('\n', _entries.Select(entry => entry.Text));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _entries.Enqueue((null, $"{state}"));
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((eventId.Name, $"{eventId.Name}: {formatter(state, exception)} {exception}"));

    public void Dispose()
    {
        // Nothing is held.
    }
}
