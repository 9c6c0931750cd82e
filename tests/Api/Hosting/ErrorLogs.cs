using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>
/// Keeps what is logged as an error, and the service's own warnings: a test that provokes neither must not leave any. The frameworks warn
/// of a busy machine too.
/// </summary>
public sealed class ErrorLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> _entries = new();

    /// <summary>Takes out what was logged since the last time.</summary>
    public IReadOnlyList<Entry> Take()
    {
        var taken = new List<Entry>();
        while (_entries.TryDequeue(out var entry))
        {
            taken.Add(entry);
        }

        return taken;
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _entries);

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>A message that was logged.</summary>
    public sealed record Entry(string Category, string? Event, LogLevel Level, string Message, Exception? Exception);

    private sealed class Logger(string category, ConcurrentQueue<Entry> entries) : ILogger
    {
        private readonly LogLevel _least = category.StartsWith("GenAI.", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= _least;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                entries.Enqueue(new Entry(category, eventId.Name, logLevel, formatter(state, exception), exception));
            }
        }
    }
}
