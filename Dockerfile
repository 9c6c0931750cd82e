# The service in one container: both its programs, the server (the default) and a silo of its own. Its data, where it has any, is in /data.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
# The base image's C library must be the one that the build's native parts are for: no Alpine.
RUN dotnet publish src/Api/GenAI.Chats.Api.csproj -c Release -o /app && mkdir /data

# No shell, no package manager, and a user that is not root.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
USER $APP_UID
VOLUME /data
# Nothing is written outside of /data: the root file system may be read-only.
ENV Api__Address=0.0.0.0 Silo__Address=0.0.0.0 Storage__Path=/data/chats.db DOTNET_EnableDiagnostics=0
EXPOSE 50051 8080
# Of the server. A silo's: "dotnet", "GenAI.Chats.Silo.dll", "check", "http://127.0.0.1:8081/healthz/live"
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["dotnet", "GenAI.Chats.Api.dll", "check", "http://127.0.0.1:8080/healthz/live"]
ENTRYPOINT ["dotnet"]
CMD ["GenAI.Chats.Api.dll"]
