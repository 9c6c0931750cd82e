namespace GenAI.Chats.Silo.Network;

/// <summary>Log messages about connections.</summary>
internal static partial class NetworkLog
{
    [LoggerMessage(360, LogLevel.Warning, "The limit of open files is {Limit}, so the server accepts at most {Connections} connections. Raise it to {Enough} or more (ulimit -n, LimitNOFILE=).", EventName = "FewOpenFiles")]
    public static partial void FewOpenFiles(ILogger logger, long limit, long? connections, long enough);

    [LoggerMessage(361, LogLevel.Warning, "Connection limit of {Max} reached; rejecting connections (Api:MaxConnections, or derived from the limit of open files).", EventName = "TooManyConnections")]
    public static partial void TooManyConnections(ILogger logger, long max);
}
