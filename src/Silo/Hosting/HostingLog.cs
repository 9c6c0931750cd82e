using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>What the programs log about their surroundings.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(360, LogLevel.Warning, "The process may have only {Limit} files open, so each port accepts at most {Connections} connections. Raise the limit (ulimit -n, LimitNOFILE=) to {Enough} or more.", EventName = "FewOpenFiles")]
    public static partial void FewOpenFiles(ILogger logger, long limit, long? connections, long enough);
}
