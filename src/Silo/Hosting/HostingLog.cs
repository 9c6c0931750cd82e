using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>What the programs log about their surroundings.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(360, LogLevel.Warning, "The process may have only {Limit} files open, so the server accepts at most {Connections} connections. Raise the limit (ulimit -n, LimitNOFILE=) to {Enough} or more.", EventName = "FewOpenFiles")]
    public static partial void FewOpenFiles(ILogger logger, long limit, long? connections, long enough);

    [LoggerMessage(361, LogLevel.Warning, "Connections are refused: {Max} are open, the limit (Api:MaxConnections, or by the limit of open files).", EventName = "TooManyConnections")]
    public static partial void TooManyConnections(ILogger logger, long max);
}
